#include "httpd/response/trace.h"

namespace iip {

namespace {

const char* describe(apr_pool_t* pool, const Plan& plan) {
  const char* how = plan.passthrough ? "a stored tile"
                    : plan.tile      ? "a tile"
                    : plan.is_copy() ? "a copy"
                                     : "scaled";
  return apr_psprintf(pool,
                      "level %d, %.1f,%.1f %.1fx%.1f to %dx%d, %s; rotated by %.1f%s; quality %d",
                      static_cast<int>(plan.level), plan.source.x, plan.source.y, plan.source.width,
                      plan.source.height, static_cast<int>(plan.delivery.scaled.width),
                      static_cast<int>(plan.delivery.scaled.height), how, plan.rotation,
                      plan.mirror ? ", mirrored" : "", plan.encoding.quality);
}

}  // namespace

void trace_plan(LogSink& log, apr_pool_t* pool, const char* name, const Prepared& prepared,
                const FileVersion& version, std::uint64_t purge_epoch) {
  if (prepared.input.plan && log.enabled(LogLevel::trace1)) {
    log.write(LogLevel::trace1,
              apr_psprintf(pool, "%s: %s", name, describe(pool, *prepared.input.plan)));
  }
  if (!log.enabled(LogLevel::trace2)) return;
  const auto key = prepared.head.etag.hex();
  log.write(LogLevel::trace2,
            apr_psprintf(pool,
                         "%s: device %" APR_UINT64_T_FMT ", inode %" APR_UINT64_T_FMT
                         ", %" APR_UINT64_T_FMT " bytes, mtime %" APR_INT64_T_FMT
                         " ns%s, purges %" APR_UINT64_T_HEX_FMT "; key %.*s",
                         name, version.device, version.inode, version.size, version.mtime_ns,
                         prepared.head.settled ? "" : " (may still change)", purge_epoch,
                         static_cast<int>(key.size()), key.data()));
}

}  // namespace iip
