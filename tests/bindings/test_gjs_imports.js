// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The override by the old imports, in a script that runs its main loop itself

const System = imports.system;
imports.gi.versions.Jobs = '1';
const {GLib, Jobs} = imports.gi;

const {Action, Engine} = Jobs;

const tests = [];
const test = (name, run) => tests.push([name, run]);

function ok(condition, what = 'it is not so') {
    if (!condition)
        throw new Error(what);
}

const sleep = time => new Promise(resolve => {
    GLib.timeout_add(GLib.PRIORITY_DEFAULT, time, () => {
        resolve();
        return GLib.SOURCE_REMOVE;
    });
});

test('blocking', () => {
    const first = Action.from(async () => {
        await sleep(1);
        return {port: 80};
    }, {label: 'first'});
    const second = Action.from(async () => {
        await null;
        return first.get_result().port + 1;
    }).requires(first);
    ok(new Engine({window: 1}, first, second).orchestrate() === true);
    ok(second.get_result() === 81);
});

test('blocking/throws', () => {
    const boom = new Error('boom');
    const action = Action.from(() => sleep(1).then(() => Promise.reject(boom)), {label: 'a'});
    try {
        new Engine(action).orchestrate(null);
    } catch (error) {
        ok(error.matches(Jobs.Error, Jobs.Error.CRITICAL));
        ok(error.cause === boom);
        ok(error.message.includes('boom'));
        return;
    }
    throw new Error('it did not throw');
});

test('blocking/in-a-callback', () => {
    // One engine that blocks in an action of another one, where promises go on
    const inner = Action.from(() => sleep(1).then(() => 'inner'));
    const outer = new Engine(Action.from(() => {
        ok(new Engine(inner).orchestrate(null));
    }), Action.from(() => sleep(2)));
    ok(outer.orchestrate(null));
    ok(inner.get_result() === 'inner');
});

test('main-loop', () => {
    const loop = new GLib.MainLoop(null, false);
    let value;
    (async () => {
        try {
            const action = Action.from(() => sleep(1).then(() => 5));
            await new Engine(action).orchestrate_async(null);
            value = action.get_result();
        } finally {
            loop.quit();
        }
    })();
    loop.run();
    ok(value === 5);
});

GLib.timeout_add_seconds(GLib.PRIORITY_HIGH, 120, () => {
    print('Bail out! The watchdog has barked');
    System.exit(1);
});

let failed = 0;
print(`1..${tests.length}`);
for (const [index, [name, run]] of tests.entries()) {
    let status = 'ok';
    try {
        run();
    } catch (error) {
        status = 'not ok';
        failed++;
        print(`${error}\n${error.stack}`.trimEnd().replace(/^/gm, '# '));
    }
    print(`${status} ${index + 1} /jobs/gjs-imports/${name}`);
}
System.exit(failed ? 1 : 0);
