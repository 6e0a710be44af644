// SPDX-License-Identifier: Apache-2.0
// How often the tests of killed processes kill: a fork is slow under the sanitizers, and what they
// look for shows in few lives.
#pragma once

namespace roda {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int kills = 100;
#else
inline constexpr int kills = 1'000;
#endif

}  // namespace roda
