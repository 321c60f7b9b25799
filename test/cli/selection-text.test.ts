import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectionText } from '../../src/cli/selection.js';

test('only the flags that choose flows are shown, as one would type them', () => {
  assert.equal(selectionText({}), '');
  assert.equal(selectionText({ by: 'peer', sort: 'in', numeric: true, limit: '3', netns: 'blue' }), '');
  assert.equal(
    selectionText({ passive: true, activePort: ['80,443', '22'], peer: ['10.0.0.0/8'], filter: 'public' }),
    '--passive --active-port 80,443,22 --peer 10.0.0.0/8 --filter public',
  );
});
