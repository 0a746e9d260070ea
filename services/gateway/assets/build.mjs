// Builds the portal's style sheet from the NHS components in use, and copies the two scripts. The build fails if a result
// contains a font or the address of an outside host.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { compile } from 'sass'

const LIMITS = { 'portal.css': 120_000, 'record.js': 7_168, 'ward.js': 3_072 }
// Browsers need neither comments nor indentation.
const lean = text => text.replace(/^\s*\/\/.*\n/gm, '').replace(/^[ \t]+/gm, '')
const { css } = compile('scss/portal.scss', { style: 'compressed', loadPaths: ['node_modules'], quietDeps: true })
const script = name => [name, lean(readFileSync(`js/${name}`, 'utf8'))]
const built = { 'portal.css': css, ...Object.fromEntries(['record.js', 'ward.js'].map(script)) }

mkdirSync('dist', { recursive: true })
for (const [name, text] of Object.entries(built)) {
  const outside = text.match(/https?:\/\/(?!www\.w3\.org)|@font-face/)
  if (outside) throw new Error(`${name} names something outside: ${outside[0]}`)
  if (text.length > LIMITS[name]) throw new Error(`${name} is ${text.length} bytes, more than ${LIMITS[name]}`)
  writeFileSync(`dist/${name}`, text)
  console.log(`${name}: ${text.length} bytes`)
}
