//! HTTP client of the remote systems: requests, signatures, retries. Knows no resource, schema or state.
