// Those that live in this program. A peer that was not there when it was built is a null pointer.
#pragma once

#include "contestant.hpp"
#include "data.hpp"

#include <memory>

namespace bench {

std::unique_ptr<contestant> make_pks(token_data const& data);
std::unique_ptr<contestant> make_openssl_raw(token_data const& data);
std::unique_ptr<contestant> make_libjwt(token_data const& data);
std::unique_ptr<contestant> make_cjose(token_data const& data);
std::unique_ptr<contestant> make_cpp_jwt(token_data const& data);

} // namespace bench
