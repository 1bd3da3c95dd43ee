import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { BankRequest } from '../../http/request-context';
import { ChangeRuleDto, ChangeRuleStatusDto, EndShadowDto, RuleParams } from '../../rules/rules.dto';
import { RulesService } from '../../rules/rules.service';
import { type Act, part } from './act';

const target = { rule_id: z.string(), if_match: z.string().optional() };
const changePayload = z.strictObject({ ...target, change: ChangeRuleDto.schema });
const statusPayload = z.strictObject({ ...target, change: ChangeRuleStatusDto.schema });
const publishPayload = z.strictObject({ ...target, change: EndShadowDto.schema });

/**
 * Rules of the fraud engine. A new rule is a draft, and a version in shadow judges nothing either, so they need nobody else; what puts
 * them in force does.
 */
@Injectable()
export class RuleActs {
  constructor(private readonly rules: RulesService) {}

  readonly change: Act = {
    kind: 'rule_change',
    propose: async (request) => {
      const { rule_id, if_match } = targetOf(request);
      const change = part(ChangeRuleDto.schema, request.body);
      if (rule_id === undefined || !change || (change.revision ?? if_match) === undefined) return null;
      await this.rules.get(rule_id);
      return { payload: { rule_id, if_match, change }, reason: change.reason };
    },
    execute: async (actor, payload) => {
      const { rule_id, if_match, change } = changePayload.parse(payload);
      const { version } = await this.rules.change(actor, rule_id, change, if_match);
      return { code: 'OK', rule_id, version };
    },
  };

  /** What is approved is the rule as it stood: without a revision of the client's, the one of then is taken. */
  readonly setStatus: Act = {
    kind: 'rule_change',
    propose: async (request) => {
      const { rule_id, if_match } = targetOf(request);
      const change = part(ChangeRuleStatusDto.schema, request.body);
      if (rule_id === undefined || !change) return null;
      const { revision, status } = await this.rules.get(rule_id);
      if (status === change.status) return null;
      const seen = change.revision ?? (if_match === undefined ? revision : undefined);
      return { payload: { rule_id, if_match, change: { ...change, revision: seen } }, reason: change.reason };
    },
    execute: async (actor, payload) => {
      const { rule_id, if_match, change } = statusPayload.parse(payload);
      const { status } = await this.rules.setStatus(actor, rule_id, change, if_match);
      return { code: 'OK', rule_id, status };
    },
  };

  readonly publish: Act = {
    kind: 'rule_change',
    propose: async (request) => {
      const { rule_id, if_match } = targetOf(request);
      const change = part(EndShadowDto.schema, request.body);
      if (rule_id === undefined || !change) return null;
      const { revision, shadow_version } = await this.rules.get(rule_id);
      if (shadow_version === null) return null;
      const seen = change.revision ?? (if_match === undefined ? revision : undefined);
      return { payload: { rule_id, if_match, change: { ...change, revision: seen } }, reason: change.reason };
    },
    execute: async (actor, payload) => {
      const { rule_id, if_match, change } = publishPayload.parse(payload);
      const end = { ...change, is_published: true };
      const { version } = await this.rules.endShadow(actor, rule_id, end, if_match);
      return { code: 'OK', rule_id, version };
    },
  };
}

function targetOf({ params, headers }: BankRequest): { rule_id?: string; if_match?: string } {
  const rule_id = part(RuleParams.schema, params)?.rule_id;
  const if_match = headers['if-match'];
  return { ...(rule_id === undefined ? {} : { rule_id }), ...(if_match === undefined ? {} : { if_match }) };
}
