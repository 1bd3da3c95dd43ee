import { scoreApart } from './score-apart';

const ids = Array.from({ length: 200 }, (_, index) => String(index + 1));
const never = (): boolean => false;

/** Fails every group with one of the bad in it; remembers what it scored and how often it was asked. */
function scorerWith(...bad: string[]) {
  const scored: string[] = [];
  let asked = 0;
  const score = async (group: readonly string[]): Promise<void> => {
    asked += 1;
    const found = group.find((id) => bad.includes(id));
    if (found) throw new Error(`bad ${found}`);
    scored.push(...group);
  };
  return { score, scored, asked: () => asked };
}

describe('a group that is scored', () => {
  it('takes one try when none is bad', async () => {
    const { score, scored, asked } = scorerWith();
    expect(await scoreApart(ids, score, never)).toBeNull();
    expect({ asked: asked(), scored }).toEqual({ asked: 1, scored: ids });
  });

  it('leaves out only the bad ones, and finds one in few tries', async () => {
    const { score, scored, asked } = scorerWith('77');
    const unscored = await scoreApart(ids, score, never);
    expect(unscored).toEqual({ transaction_ids: ['77'], error: new Error('bad 77') });
    expect(scored).toEqual(ids.filter((id) => id !== '77'));
    expect(asked()).toBeLessThanOrEqual(17);
  });

  it('names all the bad ones', async () => {
    const { score, scored } = scorerWith('1', '2', '150');
    expect((await scoreApart(ids, score, never))?.transaction_ids).toEqual(['1', '2', '150']);
    expect(scored).toHaveLength(197);
    expect((await scoreApart(['1'], score, never))?.transaction_ids).toEqual(['1']);
  });

  it('is given up at once when trying on makes no sense', async () => {
    const { score, asked } = scorerWith('77');
    await expect(scoreApart(ids, score, () => true)).rejects.toThrow('bad 77');
    expect(asked()).toBe(1);
  });
});
