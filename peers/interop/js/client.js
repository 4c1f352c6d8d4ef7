// Calls a gRPC server at the address given, one call after another, with messages of raw
// bytes: nothing, an upload, a download and an echo. Prints how many bytes came back of each.
const grpc = require('@grpc/grpc-js');

const raw = (bytes) => bytes;
const message = Buffer.alloc(10000, 'a');

function call(client, path, messages) {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const stream = client.makeBidiStreamRequest(path, raw, raw);
    stream.on('data', (data) => { bytes += data.length; });
    stream.on('error', reject);
    stream.on('end', () => resolve(bytes));
    for (let n = 0; n < messages; n++) stream.write(message);
    stream.end();
  });
}

async function main() {
  const client = new grpc.Client(process.argv[2], grpc.credentials.createInsecure());
  for (const [path, messages] of [['/lab.S/Up', 0], ['/lab.S/Up', 30], ['/lab.S/Down', 1], ['/lab.S/Echo', 30]]) {
    console.log(path, await call(client, path, messages));
  }
  client.close();
}

main().catch((err) => { console.error(err); process.exit(1); });
