// SPDX-License-Identifier: Apache-2.0
// What keys of one rule need of each other. Each check speaks of values that are valid alone.
#pragma once

#include "appliance/config/rule.hpp"
#include "appliance/config/yaml_reader.hpp"

namespace roda::appliance {

/// A key for some kinds in a rule of another one.
void check_keys_of_kind(MappingReader& reader, RuleKind kind);

/// Keys that its kind cannot do without.
void check_required_keys(MappingReader& reader, RuleKind kind);

void check_limits(MappingReader& reader, const Rule& rule);
void check_window(MappingReader& reader, const Rule& rule);
void check_against(MappingReader& reader, const Rule& rule);
void check_range(MappingReader& reader, const Rule& rule);

/// What tells its alerts from one another is not theirs to give.
void check_group_labels(MappingReader& reader, const Rule& rule);

void check_life(MappingReader& reader, const AlertLife& life);

}  // namespace roda::appliance
