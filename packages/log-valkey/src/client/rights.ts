/**
 * For a script, before its first write: what its user may not do ends a script in the middle, and what it has written
 * stays. `may(command, ...)` notes what is denied; `denied` is the reply then.
 */
export const RIGHTS = `local denied
local function may(command, ...)
  if not denied and not redis.acl_check_cmd(command, ...) then
    denied = redis.error_reply('NOPERM the user may not do all that this takes (' .. command .. ', keys and channels), and nothing was changed')
  end
end
`
