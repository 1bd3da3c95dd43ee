import { join } from 'node:path';
import { MODEL_FEATURES } from '../../worker/features/features';
import { factoryOf, fitHere, type FittingRequest } from '../../worker/models/fitting';
import { fitApart } from '../../worker/models/fitting-apart';
import { normal, seededRandom } from '../../worker/models/random';
import { RiskModel } from '../../worker/models/risk-model';

const ENTRY = join(__dirname, '..', 'support', 'fitting-thread.cjs');

function rows(count: number, centre: number, seed: number): Float32Array[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () =>
    Float32Array.from(MODEL_FEATURES, (_, column) =>
      column % 7 === 3 && random() < 0.2 ? Number.NaN : centre + normal(random),
    ),
  );
}

const request = (): FittingRequest => ({
  kind: 'florin-forest',
  seed: 11,
  lesson: { ordinary: rows(3_000, 0, 1), frauds: rows(40, 2, 2) },
});

describe('fitting on a thread of its own', () => {
  it('gives the very model that fitting here gives, with what was confirmed', async () => {
    const apart = await fitApart(request(), ENTRY);
    expect(apart.rows).toBe(3_000);
    expect(apart.blob.equals(fitHere(request()).blob)).toBe(true);
    expect(RiskModel.deserialise(factoryOf('florin-forest'), apart.blob).confirmedFrauds).toBe(40);
  });

  it('lets this thread go on meanwhile', async () => {
    let turns = 0;
    let isFitting = true;
    const turn = (): void => {
      turns += 1;
      if (isFitting) setImmediate(turn);
    };
    setImmediate(turn);
    await fitApart(request(), ENTRY);
    isFitting = false;
    expect(turns).toBeGreaterThan(100);
  });

  it('says why a model could not be fitted', async () => {
    const tooFew = { ...request(), lesson: { ordinary: rows(3, 0, 1), frauds: [] } };
    await expect(fitApart(tooFew, ENTRY)).rejects.toThrow();
    await expect(fitApart({ ...request(), kind: 'another' }, ENTRY)).rejects.toThrow(
      'no model of kind another',
    );
  });

  it('fits here where there is no thread to run', async () => {
    const here = await fitApart(request(), join(__dirname, 'nothing.js'));
    expect(here.blob.equals(fitHere(request()).blob)).toBe(true);
  });
});
