import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  ClassParams,
  EndUserLimitsDto,
  LimitedUserParams,
  SetClassLimitsDto,
  SetUserLimitsDto,
} from '../../limits/limits.dto';
import { LimitsService } from '../../limits/limits.service';
import { type Act, part } from './act';

const classPayload = z.strictObject({ of: ClassParams.schema, change: SetClassLimitsDto.schema });
const userPayload = z.strictObject({ user_id: z.string(), change: SetUserLimitsDto.schema });
const endPayload = z.strictObject({ user_id: z.string(), change: EndUserLimitsDto.schema });

/** Limits of customers; the revision that was seen makes sure that what is approved is what was looked at. */
@Injectable()
export class LimitActs {
  constructor(private readonly limits: LimitsService) {}

  readonly setClass: Act = {
    kind: 'limit_change',
    propose: async ({ params, body }) => {
      const of = part(ClassParams.schema, params);
      const change = part(SetClassLimitsDto.schema, body);
      return of && change ? { payload: { of, change }, reason: change.reason } : null;
    },
    execute: async (actor, payload) => {
      const {
        of,
        change: { revision, ...values },
      } = classPayload.parse(payload);
      await this.limits.setClass(actor, { ...of, revision }, values);
      return { code: 'OK', ...of };
    },
  };

  readonly setUser: Act = {
    kind: 'limit_change',
    propose: async ({ params, body }) => {
      const user_id = part(LimitedUserParams.schema, params)?.user_id;
      const change = part(SetUserLimitsDto.schema, body);
      if (user_id === undefined || !change) return null;
      return { payload: { user_id, change }, subject_user_id: user_id, reason: change.reason };
    },
    execute: async (actor, payload) => {
      const {
        user_id,
        change: { revision, reason, ...values },
      } = userPayload.parse(payload);
      await this.limits.setUser(actor, { user_id, revision }, values, reason);
      return { code: 'OK', user_id };
    },
  };

  readonly endUser: Act = {
    kind: 'limit_change',
    propose: async ({ params, query }) => {
      const user_id = part(LimitedUserParams.schema, params)?.user_id;
      const change = part(EndUserLimitsDto.schema, query);
      if (user_id === undefined || !change) return null;
      return { payload: { user_id, change }, subject_user_id: user_id, reason: change.reason };
    },
    execute: async (actor, payload) => {
      const { user_id, change } = endPayload.parse(payload);
      await this.limits.setUser(actor, { user_id, revision: change.revision }, null, change.reason);
      return { code: 'OK', user_id };
    },
  };
}
