// An RSocket client that asks for a stream and takes its time with the messages.
//
//   node client.js PORT FIRST MORE
//
// It requests FIRST messages, and MORE each time that it has processed so many; with a
// MORE of 0 never. A line on standard input is how many messages it processes a second.
// The end of standard input cancels the stream and ends the program. It writes what it has
// as a line of JSON, twenty times a second, and when the stream is complete.
'use strict';
const fs = require('fs');
const readline = require('readline');
const { RSocketClient } = require('rsocket-core');
const RSocketTcpClient = require('rsocket-tcp-client').default;

const [port, first, more] = process.argv.slice(2).map(Number);
const waiting = [];
let subscription, rate = 0, last = 0, room = 0;
let received = 0, processed = 0, requested = 0, complete = false;

function report() {
  fs.writeSync(1, JSON.stringify({
    received, processed, requested, complete,
    waiting: waiting.length, rss: process.memoryUsage().rss,
  }) + '\n');
}

function request(n) {
  requested += n;
  subscription.request(n);
}

// work processes as many messages as there was time for since the last time.
function work() {
  const now = performance.now();
  room = Math.min(room + ((now - last) / 1000) * rate, Math.max(waiting.length, 1));
  last = now;
  for (; room >= 1 && waiting.length > 0; room--) {
    waiting.shift();
    processed++;
    if (more > 0 && processed % more === 0) request(more);
  }
}

function fail(err) {
  console.error(err);
  process.exit(1);
}

const client = new RSocketClient({
  setup: { keepAlive: 60000, lifetime: 180000, dataMimeType: 'text/plain', metadataMimeType: 'text/plain' },
  transport: new RSocketTcpClient({ host: '127.0.0.1', port }),
});
client.connect().subscribe({
  onError: fail,
  onComplete: (socket) => {
    socket.requestStream({ data: 'messages', metadata: '' }).subscribe({
      onSubscribe: (s) => {
        subscription = s;
        request(first);
      },
      onNext: (message) => {
        received++;
        waiting.push(message);
      },
      onError: fail,
      onComplete: () => {
        complete = true;
        report();
      },
    });
    last = performance.now();
    setInterval(work, 5);
    setInterval(report, 50);
  },
});
readline.createInterface({ input: process.stdin })
  .on('line', (line) => { work(); rate = Number(line); })
  .on('close', () => {
    if (subscription && !complete) subscription.cancel();
    setTimeout(() => process.exit(0), 50); // CANCEL is to be sent
  });
