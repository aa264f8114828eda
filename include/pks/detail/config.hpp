// Decides between header-only and separately compiled bodies.
#pragma once

#ifdef PKS_SEPARATE_COMPILATION
#define PKS_DECL
#else
#define PKS_HEADER_ONLY
#define PKS_DECL inline
#endif
