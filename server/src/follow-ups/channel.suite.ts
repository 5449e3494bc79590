/** What every channel promises, shown against a receiver that really takes letters. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exampleLead, exampleNotice } from '../simulators/example-letter.ts';
import type { Channel } from './channel.ts';

export interface ChannelStage {
  channel: Channel;
  /** What a person at the company can see, one text a letter; repeats that a receiver recognises count once. */
  seen: () => string[];
  /** Every further letter fails in a way that may pass. */
  fail: () => void;
  /** The receiver takes letters again. */
  recover: () => void;
  /** The next letter is taken, but the answer is lost on the way. */
  loseAnswer: () => void;
  /** Nobody is there any more. */
  vanish: () => Promise<void>;
  /** Nothing of this may show in what a channel answers. */
  secrets: readonly string[];
  close: () => Promise<void>;
}

export function channelSuite(name: string, open: () => Promise<ChannelStage>): void {
  describe(`every channel: ${name}`, () => {
    let stage: ChannelStage;

    beforeEach(async () => {
      stage = await open();
    });

    afterEach(() => stage.close());

    test('K01 a lead arrives with all that is needed to call back', async () => {
      expect(await stage.channel.deliver(exampleLead())).toMatchObject({ kind: 'delivered' });
      const [text = '', ...more] = stage.seen();
      expect(more).toEqual([]);
      for (const part of ['+4915123456789', 'Erika Mustermann', 'https://shop.example/chairs', 'call_0123456789abcdef']) {
        expect(text).toContain(part);
      }
    });

    test('K02 a notice arrives', async () => {
      expect(await stage.channel.deliver(exampleNotice())).toMatchObject({ kind: 'delivered' });
      expect(stage.seen()).toEqual([expect.stringContaining('The portal has no such line.')]);
    });

    test('K03 what may pass is tried again, and then arrives once', async () => {
      stage.fail();
      const lead = exampleLead();
      const outcome = await stage.channel.deliver(lead);
      expect(outcome).toMatchObject({ kind: 'again', fault: { configuration: false } });
      expect(stage.seen()).toEqual([]);
      stage.recover();
      expect(await stage.channel.deliver(lead)).toMatchObject({ kind: 'delivered' });
      expect(stage.seen()).toHaveLength(1);
    });

    test('K04 a letter that was delivered and is delivered again is recognised', async () => {
      const lead = exampleLead();
      await stage.channel.deliver(lead);
      expect(await stage.channel.deliver(lead)).toMatchObject({ kind: 'delivered' });
      expect(stage.seen()).toHaveLength(1);
    });

    test('K05 a letter whose answer was lost is recognised', async () => {
      stage.loseAnswer();
      const lead = exampleLead();
      const outcome = await stage.channel.deliver(lead);
      const receipt = outcome.kind === 'hopeless' ? undefined : outcome.receipt;
      expect(await stage.channel.deliver({ ...lead, receipt })).toMatchObject({ kind: 'delivered' });
      expect(stage.seen()).toHaveLength(1);
    });

    test('K06 two calls are two letters', async () => {
      await stage.channel.deliver(exampleLead({ callId: 'call_1', number: '+4915123456781' }));
      await stage.channel.deliver(exampleLead({ callId: 'call_2', number: '+4915123456782' }));
      expect(stage.seen()).toHaveLength(2);
    });

    test('K07 a receiver that is gone is no end, and nothing secret shows', async () => {
      await stage.vanish();
      const outcomes = [await stage.channel.deliver(exampleLead()), await stage.channel.deliver(exampleNotice())];
      expect(outcomes).toMatchObject([{ kind: 'again' }, { kind: 'again' }]);
      const findings = await stage.channel.verify();
      const told = JSON.stringify([outcomes, findings]);
      for (const secret of [...stage.secrets, '4915123456789', 'Mustermann']) expect(told).not.toContain(secret);
    });

    test('K08 what is not known is left out', async () => {
      const bare = { number: undefined, name: undefined, page: undefined, department: undefined, reason: undefined, missedBy: undefined };
      expect(await stage.channel.deliver(exampleLead(bare))).toMatchObject({ kind: 'delivered' });
      expect(stage.seen().join()).not.toMatch(/undefined|null|NaN/);
    });
  });
}
