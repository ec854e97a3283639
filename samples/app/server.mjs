// What `kubidu deploy samples/app` builds: a server that greets.
import { createServer } from 'node:http';

const port = Number(process.env.PORT ?? 3000);

createServer((request, response) => {
  console.log(`${request.method} ${request.url}`);
  response.end('Hello from Kubidu\n');
}).listen(port, () => console.log(`listening on :${port}`));
