// SPDX-License-Identifier: Apache-2.0
#include "appliance/exporter/alerts_json.hpp"

#include "appliance/alerting/alert_text.hpp"
#include "appliance/ingest/json_writer.hpp"

namespace roda::appliance {

std::string alerts_json(const ActiveAlerts::Scrape& active) {
    JsonWriter json;
    json.open().key("alerts").open('[');
    for (const ActiveAlert& alert : active.series) {
        json.open()
            .text("id", net_id_text(alert.id))
            .number("since_ns", alert.since_ns)
            .number("acknowledged", alert.acknowledged)
            .number("flapping", alert.flapping)
            .text("message", alert.message)
            .key("labels")
            .open();
        for (const auto& [name, value] : alert.labels) {
            json.text(name, value);
        }
        json.close().close();
    }
    return json.close(']').number("truncated", active.truncated).close().str() + '\n';
}

}  // namespace roda::appliance
