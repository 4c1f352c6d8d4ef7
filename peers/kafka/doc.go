// Package kafka tells stories of backpressure with Kafka: a consumer group and producers of
// franz-go, and a broker of its kfake in this process, or one that is there.
//
// A consumer of Kafka asks for what it gets (KIP-74 bounds how much), and asks for more once
// that is processed. So a consumer that is slow shows as lag, and closes no window.
package kafka
