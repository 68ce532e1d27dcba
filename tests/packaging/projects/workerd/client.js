// A Worker of the workerd kind that asks the service: the client needs no module there, either.
import { Client, ServiceError } from 'tierwise/client';

export default {
  async fetch(request) {
    const client = new Client({ origin: new URL(request.url).searchParams.get('origin') });
    const { version } = await client.health();
    const failed = await client.payments.catalog().catch((error) => error);
    return new Response(`${version}; ${failed instanceof ServiceError} ${failed.code}`);
  },
};
