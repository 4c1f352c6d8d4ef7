// A connection whose bytes go to a writable stream that takes its time.
//
//   node slow.js pipe|ignore HIGHWATERMARK LIMIT
//
// It has the connection as file descriptor 3. A line on standard input is the rate of the
// writable, in bytes a second; the end of standard input ends the program. It writes
// what it holds as a line of JSON, twenty times a second, and when it ends. With "ignore"
// it does not look at what write() returns, and ends by itself once LIMIT bytes wait.
'use strict';
const fs = require('fs');
const net = require('net');
const readline = require('readline');
const { Writable } = require('stream');

const [mode, highWaterMark, limit] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

class Slow extends Writable {
  rate = 0;
  written = 0;
  next = 0; // when what comes next may be written, in ms
  current = null;
  timer = null;

  _write(chunk, encoding, done) {
    this.current = { length: chunk.length, done };
    this.go();
  }

  setRate(rate) {
    this.rate = rate;
    this.go();
  }

  // go takes what is being written as long as its size and the rate ask for.
  go() {
    clearTimeout(this.timer);
    if (!this.current || this.rate === 0) return;
    const now = performance.now();
    const wait = (this.current.length / this.rate) * 1000;
    this.next = Math.max(this.next, now - 20) + wait; // what timers are late is made up for
    this.timer = setTimeout(() => {
      const { length, done } = this.current;
      this.current = null;
      this.written += length;
      done();
    }, this.next - now);
  }
}

const slow = new Slow({ highWaterMark });
const socket = new net.Socket({ fd: 3 });

function report(more) {
  fs.writeSync(1, JSON.stringify({
    rss: process.memoryUsage().rss,
    written: slow.written,
    readable: socket.readableLength,
    writable: slow.writableLength,
    readableMark: socket.readableHighWaterMark,
    writableMark: slow.writableHighWaterMark,
    ...more,
  }) + '\n');
}

function end(how) {
  report({ ended: how });
  process.exit(0);
}

report();
setInterval(report, 50);
readline.createInterface({ input: process.stdin })
  .on('line', (line) => slow.setRate(Number(line)))
  .on('close', () => process.exit(1));
slow.on('finish', () => end('all written'));
socket.on('error', (err) => end(err.message));

if (mode === 'pipe') {
  socket.pipe(slow);
} else {
  socket.on('data', (chunk) => {
    slow.write(chunk); // false asks to wait for 'drain'
    if (slow.writableLength > limit) end('limit');
  });
  socket.on('end', () => slow.end());
}
