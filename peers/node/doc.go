// Package node has scenarios on streams of Node.js: what becomes of TCP's backpressure in
// a program that keeps their rules, and in one that does not.
//
// A readable stream is read from the socket while less than its highWaterMark waits in
// it. A writable stream's write() returns false once its highWaterMark waits, and whoever
// writes is to wait for 'drain'; pipe() does. So a slow end of a pipeline stops the reading
// of the socket, and the kernel closes the window. A program that does not look at what
// write() returns has no bound: all that comes waits in its memory.
//
// The program is slow.js, run by the node of the PATH; it needs no package. It is given the
// connection, whose receive buffer has a fixed size, so that all the buffers have a sum.
package node
