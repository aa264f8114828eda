// What a server of the suites shakes hands with: as weak as it is told.
#pragma once

#include "runner/certificate_factory.hpp"

#include <openssl/types.h>

#include <memory>

namespace conform {

/// Shows exactly the chain given. `version`: the only one it speaks, or 0 for all. Security level 0: whatever the
/// certificate, the server finds nothing against it.
std::shared_ptr<::SSL_CTX> server_context(certificate_chain const& chain, int version = 0);

} // namespace conform
