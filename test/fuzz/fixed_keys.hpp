// Key pairs that are the same in every process: secrets of nobody.
#pragma once

#include "unit/jose/signer.hpp"

namespace fuzz {

jose_test::signer const& fixed_rsa(); ///< 2048 bits
jose_test::signer const& fixed_p256();
jose_test::signer const& fixed_p384();
jose_test::signer const& fixed_p521();
jose_test::signer const& fixed_ed25519();
jose_test::signer const& fixed_secret(); ///< 64 octets

} // namespace fuzz
