// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Classes of JavaScript's own, garbage collection, and monitors

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Jobs from 'gi://Jobs?version=1';
import System from 'system';

import {collect, collecting, deferred, equal, ok, reached, rejects, run, sleep, test} from './tap.js';

const {Action, Engine, State} = Jobs;

// A kind of action whose virtual functions are those of each object
const Own = GObject.registerClass(class Own extends Action {
    _init(hooks, properties = {}) {
        super._init(properties);
        this.hooks = hooks;
    }

    vfunc_start(attempt) {
        return this.hooks.start(attempt);
    }

    vfunc_stop(attempt) {
        return this.hooks.stop ? this.hooks.stop(attempt) : super.vfunc_stop(attempt);
    }

    vfunc_clean_up(attempt) {
        if (this.hooks.clean_up)
            return this.hooks.clean_up(attempt);
        attempt.complete(null);
        return true;
    }
});

const Instant = GObject.registerClass(class Instant extends Action {
    _init(perform, properties = {}) {
        super._init(properties);
        this.perform = perform;
    }

    vfunc_perform() {
        return this.perform(this);
    }

    vfunc_dup_label() {
        return 'instant';
    }

    vfunc_dup_details() {
        return 'at once';
    }
});

async function ended(action) {
    await new Engine(action).orchestrate_async(null).catch(() => {});
    return action;
}

test('start', async () => {
    const action = await ended(new Own({
        start(attempt) {
            GLib.timeout_add(GLib.PRIORITY_DEFAULT, 1, () => {
                attempt.complete({later: true});
                return GLib.SOURCE_REMOVE;
            });
            return true;
        },
    }, {label: 'own'}));
    equal(action.get_result(), {later: true});
    equal(action.label, 'own');
});

test('start/async', async () => {
    const action = await ended(new Own({
        start: async attempt => {
            await sleep(1);
            return attempt.get_number();
        },
    }, {label: 'async'}));
    equal(action.get_result(), 1);

    // One that has given its outcome itself keeps that
    const other = await ended(new Own({
        start: async attempt => {
            await sleep(1);
            attempt.complete('mine');
        },
    }));
    equal(other.get_result(), 'mine');
});

test('start/failures', async () => {
    const boom = new RangeError('boom');
    const own = new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND, 'not there');
    const throwing = error => () => {
        throw error;
    };
    for (const start of [throwing(boom), () => Promise.reject(boom), attempt => {
        attempt.fail(boom);
        return true;
    }]) {
        const action = await ended(new Own({start}));
        equal(action.state, State.FAILED);
        ok(action.exception === boom);
        equal(action.get_error().message, 'RangeError: boom');
    }
    ok((await ended(new Own({start: throwing(own)}))).get_error().matches(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND));
    // A forgotten “return true”
    const forgotten = await ended(new Own({start: () => {}}));
    ok(forgotten.exception.message.includes('start() did not return true'));
});

test('start/error-of-each-attempt', async () => {
    const outcomes = [new Error('one'), new Error('two'), null];
    const action = new Own({
        start: () => {
            const error = outcomes.shift();
            if (error)
                throw error;
        },
    }, {retries: 2});
    await ended(action);
    // The last attempt has thrown nothing, and so it is not “two”
    ok(action.exception.message.includes('did not return true'));
});

test('perform', async () => {
    const action = await ended(new Instant(self => {
        self.take_result([1, 2]);
        return true;
    }));
    equal(action.get_result(), [1, 2]);
    equal(String(action), "<Action `instant' finished -> [1,2]>");
    equal(action.dup_display_details(), 'at once');

    const boom = new Error('boom');
    const failed = await ended(new Instant(() => {
        throw boom;
    }));
    ok(failed.exception === boom);

    const wrong = await ended(new Instant(async () => true));
    ok(wrong.exception instanceof TypeError);
});

test('returned-values', async () => {
    for (const [value, shown] of [[5, '5'], ['text', "'text'"], [null, 'null'], [{a: 1}, '{"a":1}']]) {
        for (const [name, action] of [['vfunc_start', new Own({start: () => value})],
            ['vfunc_perform', new Instant(() => value)]]) {
            await ended(action);
            equal(action.state, State.FAILED);
            ok(action.exception instanceof TypeError);
            ok(action.exception.message.startsWith(`${name}() returned ${shown}: it returns true`),
                action.exception.message);
        }
    }
    ok((await ended(new Instant(() => false))).exception.message.includes('perform() did not return true'));

    const engine = new Engine(new Own({start: async () => 1, clean_up: () => 5}));
    await engine.orchestrate_async(null);
    ok(engine.dup_clean_up_failures()[0].includes('vfunc_clean_up() returned 5'));
});

test('stop', async () => {
    const log = [];
    const action = new Own({
        start(attempt) {
            this.attempt = attempt;
            return true;
        },
        stop(attempt) {
            log.push('stop');
            ok(attempt === this.attempt);
            attempt.fail(new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED, 'stopped'));
            return true;
        },
    }, {timeout: 5});
    await ended(action);
    equal(log, ['stop']);
    equal(action.state, State.TIMED_OUT);

    // The default
    const other = new Own({
        start(attempt) {
            this.attempt = attempt;
            return true;
        },
    });
    const engine = new Engine(other);
    const promise = rejects(engine.orchestrate_async(null));
    await reached(other, State.RUNNING);
    engine.cancel();
    await promise;
    equal(other.state, State.CANCELLED);
});

test('stop/throws', async () => {
    let attempt;
    const action = new Own({
        start(given) {
            attempt = given;
            return true;
        },
        stop() {
            throw new Error('cannot');
        },
    });
    const engine = new Engine({grace: 5}, action);
    const promise = rejects(engine.orchestrate_async(null));
    await reached(action, State.RUNNING);
    engine.cancel();
    await promise;
    equal(engine.n_stuck, 1);
    attempt.complete(null);
    await collect(() => engine.n_stuck === 0);
});

test('clean-up', async () => {
    const log = [];
    const clean = name => async attempt => {
        await sleep(1);
        equal(attempt.get_number(), 0);
        log.push(name);
        return 'not the result';
    };
    const first = new Own({start: async () => 'first', clean_up: clean('first')});
    const second = new Own({start: async () => 'second', clean_up: clean('second')}).requires(first);
    const bad = new Own({start: async () => 1, clean_up: () => {
        throw new Error('cannot clean up');
    }}, {label: 'bad'});
    const engine = new Engine(first, second, bad);
    ok(await engine.orchestrate_async(null));
    equal(log.sort(), ['first', 'second']);
    equal(second.get_result(), 'second');
    equal(bad.exception, null);
    ok(engine.dup_clean_up_failures()[0].includes('cannot clean up'));
});

test('attempt/of-ones-own', () => {
    // As a program may make one to try its own start() with
    for (const end of [attempt => attempt.complete({a: 1}), attempt => attempt.fail(new Error('x'))]) {
        const attempt = new Jobs.Attempt();
        equal(attempt.get_action(), null);
        ok(!attempt.has_outcome());
        end(attempt);
        ok(attempt.has_outcome());
    }
});

test('engine', async () => {
    const Own = GObject.registerClass(class OwnEngine extends Engine {
        _init(...args) {
            super._init({window: 1}, ...args);
            this.mine = 'mine';
        }

        vfunc_dup_label() {
            return this.mine;
        }
    });
    const engine = new Own(Action.from(() => 1), Action.from(() => 2));
    equal(engine.window, 1);
    equal([...engine].length, 2);
    await new Engine(engine).orchestrate_async(null);
    equal(engine.state, State.FINISHED);
    equal(engine.dup_display_label(), 'mine');
});

test('resource', async () => {
    const log = [];
    const Connection = GObject.registerClass({
        Implements: [Jobs.Resource],
    }, class Connection extends GObject.Object {
        vfunc_open(attempt) {
            log.push('open');
            sleep(1).then(() => attempt.complete(null));
            return true;
        }

        vfunc_close(attempt) {
            log.push('close');
            attempt.complete(null);
            return true;
        }

        vfunc_get_parent() {
            return null;
        }
    });
    const connection = new Connection();
    const actions = ['a', 'b'].map(name => Action.from(async () => log.push(name)));
    actions.forEach(action => action.use(connection));
    await new Engine({window: 1}, actions).orchestrate_async(null);
    equal(log, ['open', 'a', 'b', 'close']);
});

test('gc/while-they-run', async () => {
    const stop = collecting();
    const results = [];
    await (async () => {
        const engine = new Engine({window: 10});
        for (let i = 0; i < 30; i++) {
            engine.add(Action.from(async attempt => {
                await sleep(i % 4, attempt.get_cancellable());
                results.push(i);
                return {i};
            }), new Own({
                start(attempt) {
                    sleep(i % 3).then(() => attempt.complete({i}));
                    return true;
                },
            }));
        }
        await engine.orchestrate_async(null);
        for (const [index, action] of [...engine].entries())
            equal(action.get_result(), {i: Math.floor(index / 2)});
    })();
    stop();
    equal(results.length, 30);
});

test('gc/forgotten', async () => {
    // Nobody is left who could settle it: that must not hang the run
    const action = Action.from(() => new Promise(() => {}));
    let error = null;
    new Engine(action).orchestrate_async(null).catch(caught => (error = caught));
    await collect(() => error !== null);
    ok(action.exception.matches(Jobs.Error, Jobs.Error.ABANDONED));
});

test('gc/engine-that-runs', async () => {
    // Nobody holds the engine but its run
    let done = 0;
    (() => {
        const first = Action.from(() => sleep(20));
        const last = Action.from(() => done++).requires(first);
        new Engine(first, last).orchestrate_async(null);
    })();
    await collect(() => done === 1);
});

// The wrappers of objects are collected with these, and what they wrap with them:
// GJS calls no FinalizationRegistry, but a stream that goes closes its file
const open = () => Gio.File.new_for_path('/dev/null').read(null);

function countOpen() {
    const children = Gio.File.new_for_path('/proc/self/fd')
        .enumerate_children('standard::symlink-target', Gio.FileQueryInfoFlags.NONE, null);
    let count = 0;
    for (let info; (info = children.next_file(null));) {
        if (info.get_symlink_target() === '/dev/null')
            count++;
    }
    children.close(null);
    return count;
}

test('gc/all-is-let-go', async () => {
    const before = countOpen();
    await (async () => {
        for (let i = 0; i < 10; i++) {
            // Results and errors that lead back to their action
            const action = Action.from(async () => {
                await sleep(1);
                return {action, file: open()};
            });
            const failing = Action.from(async () => {
                throw Object.assign(new Error('x'), {failing, file: open()});
            }, {critical: false}).requires(action);
            const own = new Own({start: () => Promise.resolve([own, open()])});
            const engine = new Engine(action, failing, own);
            engine.file = open();
            for await (const one of engine.asCompleted())
                ok(one.is_ended());
        }
        equal(countOpen(), before + 40);
    })();
    await collect(() => countOpen() === before);
});

test('gc/engine-is-cleared', async () => {
    // GJS sees no circle that goes through C: an engine that its action leads to
    const before = countOpen();
    await (async () => {
        const action = Action.from(() => ({engine, file: open()}));
        const engine = new Engine(action);
        await engine.orchestrate_async(null);
        equal(countOpen(), before + 1);
        engine.clear();
    })();
    await collect(() => countOpen() === before);
});

test('monitors/text', async () => {
    const stream = Gio.MemoryOutputStream.new_resizable();
    const engine = new Engine(Action.from(async () => 'done', {label: 'work'}));
    const monitor = Jobs.TextMonitor.new(engine);
    monitor.set_stream(stream);
    await engine.orchestrate_async(null);
    monitor.detach();
    stream.close(null);
    const text = new TextDecoder().decode(stream.steal_as_bytes().toArray());
    ok(text.includes('work'), text);
});

test('monitors/board', async () => {
    const {promise, resolve: release} = deferred();
    const work = Action.from(async attempt => {
        attempt.report(0.25, 'a quarter');
        await promise;
    }, {label: 'work'});
    const rest = Action.from(() => 1, {label: 'rest'});
    rest.requires(work);
    const engine = new Engine(work, rest);
    const board = Jobs.EngineBoard.new(engine);
    const run = engine.orchestrate_async(null);
    await reached(work, State.RUNNING);
    // Each of them is ours for as long as we want it
    for (let i = 0; i < 3; i++) {
        equal(board.dup_active(5).map(line => line.label), ['work']);
        System.gc();
    }
    release();
    await run;
    board.update();
    equal([...board].map(line => line.label), ['work', 'rest']);
    equal(board.get_item(0).progress, 0.25);
    equal(board.count(State.FINISHED), 2);
    equal(board.state, State.FINISHED);
    equal(board.dup_active(5), []);
});

test('monitors/requirements', async () => {
    const first = Action.from(() => 1, {label: 'first'});
    const last = Action.from(() => 1, {label: 'last'});
    const board = Jobs.EngineBoard.new(new Engine(first, last));
    last.requires_full(first, Jobs.Condition.SUCCESS);
    const requirements = await new Promise(resolve => {
        board.list_requirements_async([...board], null, (_, result) =>
            resolve(board.list_requirements_finish(result)));
    });
    System.gc();
    equal(requirements.map(one => [one.line.label, one.other.label, one.condition]),
        [['last', 'first', Jobs.Condition.SUCCESS]]);
});

test('monitors/signals', async () => {
    const log = [];
    const engine = new Engine(Action.from(() => 1, {label: 'a'}));
    engine.connect('started', () => log.push('started'));
    engine.connect('action-state-changed', (source, action, before, now) => {
        ok(source === engine);
        if (Jobs.state_is_terminal(now))
            log.push(`${action.label} ${Jobs.state_get_nick(now)}`);
    });
    engine.connect('finished', (source, success) => log.push(success));
    await engine.orchestrate_async(null);
    equal(log, ['started', 'a finished', true]);
});

await run('gjs-classes');
