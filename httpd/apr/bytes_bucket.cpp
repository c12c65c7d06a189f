#include "httpd/apr/bytes_bucket.h"

#include <memory>

namespace iip {

namespace {

// What all buckets that came from one have in common; APR counts them in `refcount`.
struct SharedBytes {
  apr_bucket_refcount refcount;  // first, as apr_bucket_shared_make() asks
  Bytes bytes;
};

apr_status_t read(apr_bucket* bucket, const char** data, apr_size_t* length, apr_read_type_e) {
  const auto* shared = static_cast<const SharedBytes*>(bucket->data);
  *data = reinterpret_cast<const char*>(shared->bytes.data()) + bucket->start;
  *length = bucket->length;
  return APR_SUCCESS;
}

void destroy(void* data) {
  if (apr_bucket_shared_destroy(data))
    std::unique_ptr<SharedBytes>(static_cast<SharedBytes*>(data));
}

extern "C" const apr_bucket_type_t iip_bytes_bucket_type = {
    "IIP-BYTES",
    5,
    apr_bucket_type_t::APR_BUCKET_DATA,
    destroy,
    read,
    apr_bucket_setaside_noop,
    apr_bucket_shared_split,
    apr_bucket_shared_copy,
};

}  // namespace

apr_bucket* bytes_bucket(Bytes bytes, apr_bucket_alloc_t* allocator) {
  const std::size_t length = bytes.size();
  auto shared = std::make_unique<SharedBytes>(SharedBytes{{}, std::move(bytes)});
  auto* bucket = static_cast<apr_bucket*>(apr_bucket_alloc(sizeof(apr_bucket), allocator));
  APR_BUCKET_INIT(bucket);
  bucket->free = apr_bucket_free;
  bucket->list = allocator;
  bucket->type = &iip_bytes_bucket_type;
  return apr_bucket_shared_make(bucket, shared.release(), 0, length);
}

}  // namespace iip
