import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['dist/', 'node_modules/', '**/*.mjs', 'src/first.js', 'src/api/schema.d.ts'] },
  ...ts.configs.strict,
  {
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      '@typescript-eslint/no-non-null-assertion': 'off',
      'react-hooks/incompatible-library': 'off', /* no compiler is in use */
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
          message: 'Text from a bill must never become markup.',
        },
        {
          selector: 'Literal[value=/#[0-9a-fA-F]{6}/]',
          message: 'Colours live in styles/tokens.css.',
        },
        {
          selector: 'CallExpression[callee.name=/^(Number|parseFloat)$/] > MemberExpression[property.name=/cost$/]',
          message: 'Money is exact: use lib/decimal.',
        },
      ],
    },
  },
);
