import { startTestBucket } from '@graft/testing/s3';

// A bucket's server as a process of its own; it ends with its stdin.
const { endpoint, bucket, account, clear, close } = await startTestBucket();
await clear();
console.log(JSON.stringify({ endpoint, bucket, account }));
process.stdin.resume().once('end', () => void close().finally(() => process.exit(0)));
