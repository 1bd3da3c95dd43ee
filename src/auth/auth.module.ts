import { Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { CryptoModule } from '../crypto/crypto.module';
import { UsersModule } from '../users/users.module';
import { AuthController } from './auth.controller';
import { AuthGuard } from './auth.guard';
import { AuthPolicy } from './auth-policy';
import { CredentialsRepository } from './credentials.repository';
import { LoginDecoysRepository } from './login-decoys.repository';
import { LoginService } from './login.service';
import { PasswordHasher } from './password-hasher';
import { PasswordPolicy } from './password-policy';
import { PinService } from './pin.service';
import { RouteRules } from './route-rules';
import { SecretChecker } from './secret-checker';
import { SecondFactorService } from './second-factor.service';
import { SessionListService } from './session-list.service';
import { SessionsController } from './sessions.controller';
import { SessionsRepository } from './sessions.repository';
import { SessionsService } from './sessions.service';
import { TokenRevocations } from './token-revocations';
import { TokenService } from './token.service';
import { TotpController } from './totp.controller';
import { TotpRepository } from './totp.repository';
import { TotpService } from './totp.service';
import { UserSessionsController } from './user-sessions.controller';

@Global()
@Module({
  imports: [CryptoModule, DiscoveryModule, UsersModule],
  controllers: [AuthController, TotpController, SessionsController, UserSessionsController],
  providers: [
    TokenService,
    TokenRevocations,
    RouteRules,
    AuthPolicy,
    PasswordHasher,
    PasswordPolicy,
    CredentialsRepository,
    SecretChecker,
    PinService,
    SessionsRepository,
    SessionsService,
    SessionListService,
    LoginDecoysRepository,
    LoginService,
    TotpRepository,
    SecondFactorService,
    TotpService,
    { provide: APP_GUARD, useClass: AuthGuard },
  ],
  exports: [
    TokenService,
    TokenRevocations,
    PasswordHasher,
    PasswordPolicy,
    CredentialsRepository,
    SecretChecker,
    PinService,
    SessionsRepository,
  ],
})
export class AuthModule {}
