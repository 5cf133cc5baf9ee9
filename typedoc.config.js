/** @file How the reference is built. */
import { OptionDefaults } from 'typedoc';

/** @type {Partial<import('typedoc').TypeDocOptions & import('typedoc-plugin-markdown').PluginOptions>} */
export default {
  entryPoints: [
    'src/index.ts',
    'src/devices/gpu/index.ts',
    'src/testing/index.ts',
    'src/data/index.ts',
    'src/io/index.ts',
    'src/explain/index.ts',
  ],
  name: 'Reference',
  out: 'docs/api',
  tsconfig: 'tsconfig.build.json',
  treatWarningsAsErrors: true,
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  blockTags: [...OptionDefaults.blockTags, '@file'],
  excludeTags: [...OptionDefaults.excludeTags, '@file'],
  validation: { notExported: false, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ['Class', 'Interface', 'Function', 'Variable', 'TypeAlias', 'Method'],
  plugin: ['./scripts/reference.js', 'typedoc-plugin-markdown', 'typedoc-vitepress-theme'],
  docsRoot: 'docs',
  indexFormat: 'table',
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  tableColumnSettings: { hideSources: true, hideOverrides: true, hideInherited: true, hideModifiers: true },
  pageTitleTemplates: { index: '{projectName}', module: '{name}', member: '{name}' },
  readme: 'none',
};
