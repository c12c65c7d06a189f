// What LogLevel iip:trace1 and trace2 show of a request, before its answer is made.
#pragma once

#include "engine/base/log.h"
#include "engine/service/prepared.h"
#include "httpd/apr/apache.h"

namespace iip {

// trace1: the plan of a picture. trace2: the version of the file, and the key of the answer.
void trace_plan(LogSink& log, apr_pool_t* pool, const char* name, const Prepared& prepared,
                const FileVersion& version, std::uint64_t purge_epoch);

}  // namespace iip
