// An RSocket server that answers each stream as fast as it is asked to.
//
//   node server.js PORT MESSAGES BYTES
//
// A stream has that many messages at the most. The end of standard input ends the program.
'use strict';
const { RSocketServer } = require('rsocket-core');
const { Flowable } = require('rsocket-flowable');
const RSocketTCPServer = require('rsocket-tcp-server').default;

const [port, messages, bytes] = process.argv.slice(2).map(Number);
const data = 'x'.repeat(bytes);
const atOnce = 256; // messages, before others have their turn

function answer() {
  return new Flowable((subscriber) => {
    let demand = 0, sent = 0, over = false, due = false;

    function send() {
      due = false;
      for (let n = 0; n < atOnce && demand > 0 && !over; n++) {
        demand--;
        sent++;
        subscriber.onNext({ data });
        if (sent === messages && !over) {
          over = true;
          subscriber.onComplete();
        }
      }
      soon();
    }

    function soon() {
      if (due || over || demand === 0) return;
      due = true;
      setImmediate(send);
    }

    subscriber.onSubscribe({
      cancel: () => { over = true; },
      request: (n) => {
        demand += n;
        soon();
      },
    });
  });
}

new RSocketServer({
  getRequestHandler: () => ({ requestStream: answer }),
  transport: new RSocketTCPServer({ host: '127.0.0.1', port }),
}).start();
process.stdin.on('close', () => process.exit(0)).resume();
