// The partner's invented staff, by the name for `login_hint`. Their claims are the provider's: some claim too much.

const ORGANISATION = 'Z9L01'

const user = (name, role, org = ORGANISATION) => ({
  name,
  preferred_username: `${name.toLowerCase().replaceAll(' ', '.')}@records.example`,
  org_code: org,
  role
})

export const users = {
  steward: user('Pat Dean', 'data-steward'),
  'second-steward': user('Lee Hart', 'data-steward'),
  'two-roles': user('Jo Marsh', ['data-steward', 'privacy-officer']),
  // What they do has no role of ours.
  porter: user('Kim Vale', 'porter'),
  // Somebody else's staff, a platform administrator and a patient: not this provider's to vouch for.
  'of-another-organisation': user('Max Stone', 'consultant', 'Z9H01'),
  'platform-administrator': user('Ada Crown', 'platform-admin'),
  patient: user('Fredrica Smith', 'patient')
}
