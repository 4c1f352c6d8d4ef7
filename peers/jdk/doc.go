// Package jdk has a scenario on java.util.concurrent.Flow, the Reactive Streams of the JDK,
// with its SubmissionPublisher: what a publisher does that is faster than its subscriber.
//
// A subscriber is sent what it requests. In between, each has a buffer of a fixed capacity:
// once that is full, submit() blocks the publisher, and offer() gives the message to a
// handler and drops it. All of it is in one process; the wire has no part in it.
//
// The program is Overload.java, a single file that is run by the java of a JDK (JEP 330).
package jdk
