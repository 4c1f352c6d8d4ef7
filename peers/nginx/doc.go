// Package nginx has a scenario on nginx as a proxy between a fast producer and a consumer
// that reads nothing: how many bytes it takes before the producer feels anything.
//
// Of an answer it keeps what proxy_buffer_size and proxy_buffers have room for, and with
// proxy_buffering also what proxy_max_temp_file_size allows on disk. Of a request it keeps
// the whole body, on disk from client_body_buffer_size on, before it passes any of it on,
// unless proxy_request_buffering is off. To that the sockets add their buffers.
//
// Producer and consumer speak HTTP/1.1 on plain connections (RFC 9112), so that the buffers
// of no library are counted with those of nginx.
package nginx
