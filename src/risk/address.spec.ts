import { canonicalAddress } from './address';

describe('canonicalAddress', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['::ffff:0:0', '0.0.0.0'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::', '::'],
    ['no address', 'no address'],
  ])('%s is compared as %s', (given, compared) => {
    expect(canonicalAddress(given)).toBe(compared);
  });
});
