// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What an action costs in GJS, where it does nothing: one line of JSON per kind.
// Microseconds per action: to make it, to say what it requires, and to run it.
//
//     bench-gjs.js [N [REPS [SHAPE]]]

imports.gi.versions.Jobs = '1';
const {GLib, GObject, Jobs} = imports.gi;
const System = imports.system;

const n = parseInt(ARGV[0] ?? '10000');
const reps = parseInt(ARGV[1] ?? '3');
const shape = ARGV[2] ?? 'chain';

let count = 0;

const Performer = GObject.registerClass(class Performer extends Jobs.Action {
    vfunc_perform() {
        count++;
        return true;
    }
});

const Starter = GObject.registerClass(class Starter extends Jobs.Action {
    vfunc_start(attempt) {
        count++;
        attempt.complete(null);
        return true;
    }
});

// One whose outcome comes in a later turn of the main loop, as a promise's would
const Waiter = GObject.registerClass(class Waiter extends Jobs.Action {
    vfunc_start(attempt) {
        count++;
        Promise.resolve().then(() => attempt.complete(null));
        return true;
    }
});

const kinds = {
    callback: () => Jobs.CallbackAction.new(null, () => {
        count++;
        return true;
    }),
    perform: () => new Performer(),
    start: () => new Starter(),
    promise: () => new Waiter(),
};

function run(engine) {
    const main = new GLib.MainLoop(null, false);
    let verdict = false;
    engine.orchestrate_async(null, (_, result) => {
        try {
            verdict = engine.orchestrate_finish(result);
        } catch (error) {
            printerr(error.message);
        }
        main.quit();
    });
    main.run();
    return verdict;
}

function measure(make) {
    count = 0;
    const times = [GLib.get_monotonic_time()];
    const actions = [];
    for (let i = 0; i < n; i++)
        actions.push(make());
    times.push(GLib.get_monotonic_time());
    for (let i = 1; shape === 'chain' && i < n; i++)
        actions[i].requires(actions[i - 1]);
    const engine = new Jobs.Engine();
    engine.add_many(actions);
    times.push(GLib.get_monotonic_time());
    const verdict = run(engine);
    times.push(GLib.get_monotonic_time());
    if (!verdict || count !== n)
        throw new Error(`${count} of ${n} actions ran, and the verdict is ${verdict}`);
    engine.clear();
    return times.slice(1).map((end, i) => (end - times[i]) / n);
}

function resident() {
    const [, contents] = GLib.file_get_contents('/proc/self/statm');
    return Math.round(parseInt(new TextDecoder().decode(contents).split(' ')[1]) * 4096 / 1e6);
}

for (const [kind, make] of Object.entries(kinds)) {
    const runs = [], sizes = [];
    for (let i = 0; i < reps; i++) {
        runs.push(measure(make));
        System.gc();
        sizes.push(resident());
    }
    const [make_us, require_us, run_us] = [0, 1, 2].map(column =>
        Math.round(Math.min(...runs.map(times => times[column])) * 100) / 100);
    const per_second = Math.round(1e6 / (make_us + require_us + run_us));
    print(JSON.stringify({kind, shape, n, make_us, require_us, run_us, per_second, mb_after: sizes}));
}
