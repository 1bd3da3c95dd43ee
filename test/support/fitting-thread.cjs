/** Runs the fitting thread from its source, which a thread cannot read by itself: the build leaves it as JavaScript. */
const { transformFileSync } = require('@swc/core');

require.extensions['.ts'] = (module, file) => {
  const { code } = transformFileSync(file, {
    swcrc: false,
    jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  module._compile(code, file);
};
require('../../worker/models/fitting-thread.ts');
