// SPDX-License-Identifier: Apache-2.0
// The whole engine in one include, for programs that build pipelines of their own.
#pragma once

#include "pipeline/engine/engine.hpp"
#include "pipeline/op/dedup_by.hpp"
#include "pipeline/op/delta.hpp"
#include "pipeline/op/filter.hpp"
#include "pipeline/op/inspect.hpp"
#include "pipeline/op/keyed_by.hpp"
#include "pipeline/op/map.hpp"
#include "pipeline/op/pipe.hpp"
#include "pipeline/op/stateful.hpp"
#include "pipeline/store/broadcast_journal.hpp"
#include "pipeline/store/journal.hpp"
#include "pipeline/store/key_table.hpp"
#include "pipeline/store/net_id.hpp"
#include "pipeline/store/snapshot_cell.hpp"
