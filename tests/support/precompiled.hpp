// SPDX-License-Identifier: Apache-2.0
// Parsed once for all test programs of a room: what most of them include, and nothing of ours, so
// that no edit builds it anew. No file includes it, and GCC refuses #pragma once in such a header.
#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>
