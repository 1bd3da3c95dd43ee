import { Global, Module } from '@nestjs/common';
import { ENVIRONMENT } from '../config/config.module';
import type { Environment } from '../config/environment';
import { Keyring } from './keyring';

/** Injection token of the keyring; null where DATA_KEYS is not set, which production refuses. */
export const KEYRING = Symbol('KEYRING');

/** Gives every module the keys for secrets in the database. */
@Global()
@Module({
  providers: [
    {
      provide: KEYRING,
      inject: [ENVIRONMENT],
      useFactory: ({ DATA_KEYS }: Environment) => (DATA_KEYS ? new Keyring(DATA_KEYS) : null),
    },
  ],
  exports: [KEYRING],
})
export class CryptoModule {}
