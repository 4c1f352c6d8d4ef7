// Package rabbitmq tells stories of backpressure with RabbitMQ: prefetch and AMQP 1.0's link
// credit, which bound what a consumer has and do not show in a window, and the memory alarm,
// at which the broker reads no publisher's socket any more.
//
// The broker is the one that is installed, run with folders, ports and an epmd of its own
// that end with the story; or one that is there.
package rabbitmq
