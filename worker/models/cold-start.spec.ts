import fc from 'fast-check';
import { verdictOf } from '../../src/risk';
import { limitForColdStart } from './cold-start';

const risk = fc.double({ min: 0, max: 1, noNaN: true });

describe('cold start', () => {
  it('lets the rules judge alone under 1,000 transactions', () => {
    fc.assert(fc.property(risk, (value) => expect(limitForColdStart(value, 999)).toBe(0)));
  });

  it('says SUSPICIOUS at most under 5,000', () => {
    fc.assert(
      fc.property(risk, fc.integer({ min: 1_000, max: 4_999 }), (value, transactions) => {
        const limited = limitForColdStart(value, transactions);
        expect(verdictOf(limited)).not.toBe('CRITICAL');
        expect(verdictOf(limited) === 'SAFE').toBe(verdictOf(value) === 'SAFE');
      }),
    );
    expect(verdictOf(limitForColdStart(1, 4_999))).toBe('SUSPICIOUS');
  });

  it('keeps the order of the risks, and apart those that differ', () => {
    const limited = [0.1, 0.49, 0.5, 0.6, 0.8, 0.95, 0.99, 0.999, 1].map((value) =>
      limitForColdStart(value, 1_000),
    );
    expect(limited.slice(1).every((value, index) => value > (limited[index] ?? 1))).toBe(true);
  });

  it('changes nothing from 5,000 on', () => {
    fc.assert(fc.property(risk, (value) => expect(limitForColdStart(value, 5_000)).toBe(value)));
  });
});
