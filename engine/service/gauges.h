// What the status page shows of admission at the moment. It says `place` where the code says slot:
// that is the word of the documentation, and who watches a server knows the figures by their texts.
#pragma once

#include "engine/base/metric.h"
#include "engine/service/fair_share.h"

namespace iip {

inline constexpr MemberMetric<AdmissionState> kAdmissionMetrics[] = {
    {{"admission_places", "How many pictures are made at a time at most", MetricKind::gauge},
     read_member<&AdmissionState::slots>},
    {{"admission_tiles", "Tiles that are being made", MetricKind::gauge},
     read_member<&AdmissionState::tiles_inside>},
    {{"admission_regions", "Regions that are being made", MetricKind::gauge},
     read_member<&AdmissionState::regions_inside>},
    {{"admission_waiting", "Requests that wait for a place", MetricKind::gauge},
     read_member<&AdmissionState::waiting>},
    {{"admission_bytes", "Memory that those who are inside may take", MetricKind::gauge},
     read_member<&AdmissionState::memory>},
};

}  // namespace iip
