// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The library in JavaScript, with its override: promises, values, errors, engines

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Jobs from 'gi://Jobs?version=1';

import {deferred, equal, ok, reached, rejects, run, sleep, test, throws} from './tap.js';

const {Action, Condition, Engine, Sequence, State} = Jobs;

// The action, once it has ended in an engine of its own
async function ended(work, properties = {}) {
    const action = Action.from(work, properties);
    await new Engine(action).orchestrate_async(null).catch(() => {});
    return action;
}

test('from/async', async () => {
    const action = await ended(async () => {
        await sleep(1);
        return 'text';
    }, {label: 'a'});
    equal(action.get_result(), 'text');
    equal(action.state, State.FINISHED);
    equal(String(action), "<Action `a' finished -> text>");
});

test('from/functions', async () => {
    equal((await ended(() => 3)).get_result(), 3);
    equal((await ended(() => Promise.resolve(4))).get_result(), 4);
    // Whatever can be awaited
    equal((await ended(() => ({then: resolve => resolve(5)}))).get_result(), 5);
    for (const wrong of [null, 3, 'text', Promise.resolve(1), undefined])
        throws(() => Action.from(wrong), TypeError);
});

test('from/properties', () => {
    const other = Action.from(() => 1);
    const action = Action.from(() => 2,
        {label: 'a', timeout: 1500, retries: 2, critical: false, requires: [other, null]});
    equal(action.label, 'a');
    equal(action.timeout, 1500);
    equal(action.retries, 2);
    equal(action.critical, false);
    ok(action.dup_requirements()[0] === other);
    throws(() => Action.from(() => 1, {lable: 'a'}));
});

test('from/attempt', async () => {
    const numbers = [];
    const action = await ended(async attempt => {
        numbers.push(attempt.get_number());
        ok(attempt instanceof Jobs.Attempt);
        ok(attempt.get_action().label === 'a');
        attempt.report(0.5, 'half of it');
        await sleep(1);
        if (numbers.length < 3)
            throw new Error('again');
        return numbers.length;
    }, {label: 'a', retries: 5, retry_delay: 1});
    equal(numbers, [1, 2, 3]);
    equal(action.get_result(), 3);
    equal(action.exception, null);
    equal(action.message, 'half of it');
});

test('values', async () => {
    const exact = [null, undefined, true, false, 0, -0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31,
        2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 60, 1.5, 1e300, NaN, Infinity, '', 'text', 'ü€😀', 'a\0b', '\ud800',
        1n, 2n ** 70n, Symbol('s'), [1, [2]], {a: {b: 1}}, new Date(), /x/, () => 1, new Map(),
        new Error('no failure'), new Uint8Array([1, 2]), Object.create(null), State,
        new Gio.Cancellable(), new GLib.Bytes([1])];
    for (const value of exact) {
        for (const work of [() => value, async () => value]) {
            const action = await ended(work);
            equal(action.state, State.FINISHED);
            ok(Object.is(action.get_result(), value) || value instanceof GLib.Bytes,
                `another ${typeof value} came back`);
            ok(action.to_string().includes(' finished -> '));
        }
    }
    const circle = {};
    circle.circle = circle;
    equal((await ended(() => circle)).get_result(), circle);
});

test('values/in-c', async () => {
    for (const [value, text] of [[1000, '1000'], [1500.5, '1500.5'], [2 ** 40, '1099511627776'],
        [true, 'True'], [null, 'None'], [undefined, 'None'], ['ab', 'ab'], [{a: 1}, '{"a":1}'], [[1, 2], '[1,2]'],
        [2n ** 70n, String(2n ** 70n)], ['a\0b', 'a\\0b']])
        equal((await ended(() => value)).to_string(), `<Action \`NO_LABEL' finished -> ${text}>`);

    const number = new GObject.Value();
    number.init(GObject.TYPE_DOUBLE);
    number.set_double(2);
    const action = await ended(() => number);
    equal(action.get_result(), 2);
    equal(action.to_string(), "<Action `NO_LABEL' finished -> 2.0>");
});

test('values/of-each-run', async () => {
    const values = [{first: 1}, 2, [3], undefined, 'five'];
    const action = Action.from(() => values[0]);
    const engine = new Engine(action);
    for (; values.length > 0; values.shift()) {
        await engine.orchestrate_async(null);
        equal(action.get_result(), values[0]);
    }
});

test('values/handed-on', async () => {
    const one = Action.from(async () => ({port: 80}));
    const two = Action.from(async () => one.get_result().port + 1).requires(one);
    await new Engine(two, one).orchestrate_async(null);
    equal(two.get_result(), 81);
});

test('errors/kept', async () => {
    const boom = new TypeError('with a stack');
    const action = await ended(async () => {
        await sleep(1);
        throw boom;
    }, {label: 'a'});
    equal(action.state, State.FAILED);
    ok(action.exception === boom);
    ok(action.exception.stack.includes('test_gjs.js'));
    ok(action.get_error().matches(Jobs.Error, Jobs.Error.FAILED));
    equal(action.get_error().message, 'TypeError: with a stack');
    equal(action.get_result(), null);
});

test('errors/of-any-kind', async () => {
    const own = new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND, 'not there');
    for (const [thrown, message] of [[new Error('plain'), 'plain'], ['text', 'text'], [undefined, 'undefined'],
        [7, '7'], [new RangeError(), 'RangeError'], [new Error(''), 'Error'], [own, 'not there'],
        [Object.create(null), 'Error'], [new Error('a\0b'), 'a\\0b']]) {
        for (const work of [() => {
            throw thrown;
        }, async () => {
            throw thrown;
        }]) {
            const action = await ended(work);
            equal(action.state, State.FAILED);
            ok(action.exception === thrown);
            equal(action.get_error().message, message);
        }
    }
    ok((await ended(() => Promise.reject(own))).get_error().matches(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND));
});

test('errors/of-the-run', async () => {
    const boom = new Error('boom');
    const inner = new Engine({label: 'inner'}, Action.from(() => Promise.reject(boom), {label: 'a'}));
    const engine = new Engine(inner);
    const error = await rejects(engine.orchestrate_async(null));
    ok(error.matches(Jobs.Error, Jobs.Error.CRITICAL));
    ok(error.message.includes('inner/a') && error.message.includes('boom'), error.message);
    ok(error.cause === boom);
    ok(engine.exception === boom);
    ok(inner.exception === boom);
    ok(error.stack.includes('test_gjs.js'));

    // What keeps the next run from beginning has nothing to do with that
    engine.add(Action.from(() => 1).requires(Action.from(() => 2)));
    const dangling = await rejects(engine.orchestrate_async(null));
    ok(dangling.matches(Jobs.Error, Jobs.Error.DANGLING));
    equal(dangling.cause, undefined);
});

test('errors/of-each-run', async () => {
    const outcomes = [() => Promise.reject(new Error('one')), () => 1, () => Promise.reject(new Error('two'))];
    const action = Action.from(() => outcomes[0]());
    const engine = new Engine(action);
    equal((await rejects(engine.orchestrate_async(null))).cause.message, 'one');
    outcomes.shift();
    await engine.orchestrate_async(null);
    equal(action.exception, null);
    equal(engine.exception, null);
    outcomes.shift();
    equal((await rejects(engine.orchestrate_async(null))).cause.message, 'two');
});

test('errors/timeout', async () => {
    const action = await ended(attempt => sleep(100000, attempt.get_cancellable()), {timeout: 1});
    equal(action.state, State.TIMED_OUT);
    ok(action.exception.matches(Jobs.Error, Jobs.Error.TIMED_OUT));
});

test('errors/too-late', async () => {
    const late = [];
    const action = Action.from(async attempt => {
        await sleep(100000, attempt.get_cancellable()).catch(() => {});
        late.push(1);
        throw new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED, 'gave up');
    });
    const engine = new Engine(action);
    const promise = rejects(engine.orchestrate_async(null));
    await reached(action, State.RUNNING);
    engine.cancel();
    ok((await promise).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED));
    equal(late, [1]);
});

// What a program in a process of its own writes to its standard error
async function stderrOf(program) {
    const process = Gio.Subprocess.new([GLib.find_program_in_path('gjs'), '-c', `
        const {GLib, Jobs} = imports.gi;
        const loop = new GLib.MainLoop(null, false);
        const sleep = time => new Promise(resolve => GLib.timeout_add(GLib.PRIORITY_DEFAULT, time,
            () => (resolve(), GLib.SOURCE_REMOVE)));
        (async () => {
            ${program}
        })().finally(() => loop.quit());
        loop.run();`], Gio.SubprocessFlags.STDERR_PIPE);
    return await new Promise((resolve, reject) => {
        process.communicate_utf8_async(null, null, (_source, result) => {
            try {
                resolve(process.communicate_utf8_finish(result)[2]);
            } catch (error) {
                reject(error);
            }
        });
    });
}

test('errors/never-lost', async () => {
    // Nobody awaits the run
    const unawaited = await stderrOf(`
        const engine = new Jobs.Engine(Jobs.Action.from(() => Promise.reject(new Error('unawaited'))));
        const ended = new Promise(resolve => engine.connect('finished', resolve));
        engine.orchestrate_async(null);
        await ended;
        await sleep(1);`);
    ok(unawaited.includes('Unhandled promise rejection'), unawaited);

    // The attempt has ended when the promise is rejected
    const late = await stderrOf(`
        const rejects = [];
        const work = () => new Promise((_resolve, reject) => rejects.push(reject));
        const actions = [Jobs.Action.from(work, {label: 'slow', timeout: 1}), Jobs.Action.from(work, {timeout: 1})];
        await new Jobs.Engine({on_failure: Jobs.OnFailure.DRAIN}, actions).orchestrate_async(null).catch(() => {});
        rejects[0](new Error('late'));
        rejects[1]('no Error');
        await sleep(1);`);
    ok(late.includes('no Error') && !late.includes('Unhandled'), late);
    ok(late.includes('Error: late') && late.includes("after the end of <Action `slow' timed-out"), late);

    // The run has been told of this one
    const told = await stderrOf(`
        const action = Jobs.Action.from(() => Promise.reject(new Error('told')));
        await new Jobs.Engine(action).orchestrate_async(null).catch(() => {});
        await sleep(1);`);
    ok(!told.includes('told'), told);
});

test('cancel/cooperative', async () => {
    const action = Action.from(attempt => sleep(100000, attempt.get_cancellable()));
    const cancellable = new Gio.Cancellable();
    const engine = new Engine(action);
    const promise = engine.orchestrate_async(cancellable);
    cancellable.cancel();
    ok((await rejects(promise)).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED));

    const again = rejects(engine.orchestrate_async(null));
    await reached(action, State.RUNNING);
    engine.cancel();
    await again;
    equal(action.state, State.CANCELLED);
});

test('cancel/unaware', async () => {
    const {promise: work, resolve: release} = deferred();
    const action = Action.from(() => work);
    const engine = new Engine(action);
    const promise = rejects(engine.orchestrate_async(null));
    await reached(action, State.RUNNING);
    action.cancel();
    await promise;
    equal(action.state, State.CANCELLED);
    // What comes of it now changes nothing, and is no mistake either
    release('late');
    await sleep(1);
    equal(action.state, State.CANCELLED);
    equal(action.get_result(), null);
});

test('run-alone', async () => {
    const action = Action.from(async () => 'alone');
    ok(await action.run_async());
    equal(action.get_result(), 'alone');
    const boom = new Error('boom');
    const error = await rejects(Action.from(() => Promise.reject(boom)).run_async(null));
    ok(error.cause === boom);
});

test('engine/arguments', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(label => Action.from(() => 1, {label}));
    equal(new Engine().get_n_items(), 0);
    const engine = new Engine({window: 4, label: 'e', on_failure: Jobs.OnFailure.DRAIN}, a, [b, null, [c]]);
    equal(engine.window, 4);
    equal(engine.label, 'e');
    equal(engine.on_failure, Jobs.OnFailure.DRAIN);
    ok(engine.add(d, new Engine({label: 'inner'}), a) === engine);
    equal([...engine].map(action => action.label), ['a', 'b', 'c', 'd', 'inner']);

    throws(() => new Engine({windwo: 4}));
    throws(() => new Engine().add(a), Error);
    throws(() => engine.add(engine), Error);
    throws(() => engine.add('text'), TypeError);
    throws(() => engine.add(7), TypeError);
});

test('engine/iteration', async () => {
    const actions = [1, 2, 3].map(i => Action.from(() => i));
    const engine = new Engine(actions);
    await engine.orchestrate_async(null);
    const values = [];
    for (const action of engine) {
        values.push(action.get_result());
        engine.remove(action);
    }
    equal(values, [1, 2, 3]);
    equal([...engine], []);
});

test('engine/callback', async () => {
    const engine = new Engine(Action.from(() => 1));
    const [source, result] = await new Promise(resolve => {
        engine.orchestrate_async(null, (...args) => resolve(args));
    });
    ok(source === engine);
    ok(engine.orchestrate_finish(result));
});

test('engine/busy', async () => {
    const engine = new Engine(Action.from(() => sleep(5)));
    const first = engine.orchestrate_async(null);
    ok((await rejects(engine.orchestrate_async(null))).matches(Jobs.Error, Jobs.Error.BUSY));
    ok(await first);
    ok(await engine.shutdown_async());
    ok(await engine.clear_async());
    equal(engine.get_n_items(), 0);
});

test('engine/window', async () => {
    let running = 0, most = 0;
    const actions = Array.from({length: 12}, () => Action.from(async () => {
        most = Math.max(most, ++running);
        await sleep(1);
        running--;
    }));
    await new Engine({window: 4}, actions).orchestrate_async(null);
    equal(most, 4);
});

test('engine/blocks-a-promise', async () => {
    // Where no promise can go on it says so, and does not hang
    const pending = Action.from(async () => {
        await null;
        return 1;
    }, {label: 'pending'});
    const behind = Action.from(() => Promise.resolve(1)).requires(pending);
    const error = throws(() => new Engine({on_failure: Jobs.OnFailure.KEEP_GOING}, pending, behind).orchestrate(null));
    ok(error instanceof GLib.Error);
    ok(pending.exception.message.includes('await orchestrate_async()'));
    // All else can
    ok(new Engine(Action.from(() => 1), Jobs.DelayAction.new('delay', 5)).orchestrate());
    ok(await new Engine(Action.from(async () => 1)).orchestrate_async());
});

test('as-completed', async () => {
    const {promise, resolve: release} = deferred();
    const slow = Action.from(() => promise, {label: 'slow'});
    const fast = Action.from(() => sleep(1), {label: 'fast'});
    const inner = new Engine({label: 'inner'}, fast);
    const last = Action.from(() => 1, {label: 'last'}).requires(slow, inner);
    const engine = new Engine(last, slow, inner);
    const labels = [];
    for await (const action of engine.asCompleted()) {
        ok(action.is_ended());
        labels.push(action.label);
        await sleep(1);
        release();
    }
    equal(labels, ['inner', 'slow', 'last']);
});

test('as-completed/failure', async () => {
    const boom = new Error('boom');
    const engine = new Engine(Action.from(() => 1, {label: 'well'}),
        Action.from(() => sleep(1).then(() => Promise.reject(boom)), {label: 'ill'}));
    const labels = [];
    const error = await rejects((async () => {
        for await (const action of engine.asCompleted())
            labels.push(action.label);
    })());
    equal(labels, ['well', 'ill']);
    ok(error.cause === boom);
});

test('as-completed/left-early', async () => {
    const endless = Action.from(attempt => sleep(100000, attempt.get_cancellable()));
    const engine = new Engine(endless, Action.from(() => 1));
    // eslint-disable-next-line no-unreachable-loop
    for await (const action of engine.asCompleted()) {
        equal(action.get_result(), 1);
        break;
    }
    ok(!engine.is_active());
    equal(endless.state, State.CANCELLED);
});

test('requires', async () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(label => Action.from(() => 1, {label}));
    ok(d.requires(a, [b, null], undefined) === d);
    equal(d.dup_requirements().map(action => action.label), ['a', 'b']);
    const sequence = new Sequence(b, c);
    a.requires(sequence);
    equal(a.dup_requirements().map(action => action.label), ['c']);
    throws(() => a.requires('b'), TypeError);

    const notice = Action.from(() => 'cleaned', {label: 'notice'});
    const broken = Action.from(() => Promise.reject(new Error('x')), {critical: false});
    notice.requires_full(broken, Condition.FAILURE);
    ok(await new Engine(broken, notice).orchestrate_async(null));
    equal(notice.get_result(), 'cleaned');
});

test('requires/cycle', async () => {
    const [a, b] = ['a', 'b'].map(label => Action.from(() => 1, {label}));
    a.requires(b.requires(a));
    const engine = new Engine(a, b);
    ok((await rejects(engine.orchestrate_async(null))).matches(Jobs.Error, Jobs.Error.CYCLE));
    ok(throws(() => engine.check()).matches(Jobs.Error, Jobs.Error.CYCLE));
});

test('sequence', async () => {
    const order = [];
    const steps = ['one', 'two', 'three'].map(label => Action.from(async () => {
        await sleep(1);
        order.push(label);
    }, {label}));
    const sequence = new Sequence(steps[0], [steps[1]]);
    ok(sequence.append(steps[2]) === sequence);
    equal([...sequence].map(action => action.label), ['one', 'two', 'three']);
    throws(() => sequence.append(steps[0]), Error);
    await new Engine(sequence).orchestrate_async(null);
    equal(order, ['one', 'two', 'three']);
});

test('forever', async () => {
    const log = [];
    const server = Action.from(async attempt => {
        log.push('listens');
        attempt.ready();
        await sleep(100000, attempt.get_cancellable()).catch(() => log.push('closed'));
    }, {forever: true});
    const client = Action.from(async () => log.push('asks'));
    client.requires_full(server, Condition.READY);
    await new Engine(server, client).orchestrate_async(null);
    equal(log, ['listens', 'asks', 'closed']);
});

test('commands', async () => {
    const command = Jobs.CommandAction.new_shell('c', null, 'echo $((6 * 7))');
    command.capture = true;
    const behind = Action.from(() => Number(command.get_result())).requires(command);
    const bad = Jobs.CommandAction.new('bad', null, ['false']);
    bad.critical = false;
    await new Engine(command, behind, bad).orchestrate_async(null);
    equal(behind.get_result(), 42);
    ok(bad.exception.matches(Jobs.Error, Jobs.Error.EXITED));
});

await run('gjs');
