// A Worker of the workerd kind: the module is there when the program starts.
import * as tierwise from 'tierwise';
import { check } from './check.js';

export default {
  async fetch() {
    await tierwise.init();
    return new Response(check(tierwise));
  },
};
