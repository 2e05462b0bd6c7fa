// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The seed's scenario as the typelib alone gives it to JavaScript

const {GLib, GObject, Jobs} = imports.gi;

const Mycoro = GObject.registerClass(class Mycoro extends Jobs.Action {
    _init(timeout, params = {}) {
        super._init(params);
        this._timeout = timeout;
    }

    _report(arrow) {
        const time = GLib.DateTime.new_now_local().format('%M-%S');
        print(`${arrow} ${time} mycoro(${this._timeout})`);
    }

    vfunc_start(attempt) {
        this._report('->');
        GLib.timeout_add(GLib.PRIORITY_DEFAULT, 1000 * this._timeout, () => {
            this._report('<-');
            // JavaScript has one kind of number: say which is meant
            const value = new GObject.Value();
            if (Number.isInteger(this._timeout)) {
                value.init(GObject.TYPE_INT);
                value.set_int(1000 * this._timeout);
            } else {
                value.init(GObject.TYPE_DOUBLE);
                value.set_double(1000 * this._timeout);
            }
            attempt.complete(value);
            return GLib.SOURCE_REMOVE;
        });
        return true;
    }
});

function show(value) {
    print(value ? 'True' : 'False');
}

const e = new Jobs.Engine();
for (const timeout of [1, 2, 1.5])
    e.add(new Mycoro(timeout));
show(e.orchestrate(null));

const b1 = new Mycoro(1, {label: 'first'});
const b2 = new Mycoro(2);
const b3 = new Mycoro(1.5, {label: 'last'});
b3.requires(b1);
const e2 = new Jobs.Engine();
for (const action of [b1, b2, b3])
    e2.add(action);
show(e2.orchestrate(null));

show(b1.is_done());
print(b3.get_result().toFixed(1));
for (let i = 0; i < e2.get_n_items(); i++)
    print(e2.get_item(i).to_string());

// What throws in a virtual function fails the action, and the verdict throws
const Broken = GObject.registerClass(class Broken extends Jobs.Action {
    vfunc_start() {
        throw new Error('out of order');
    }
});

const e3 = new Jobs.Engine();
e3.add(new Broken({label: 'broken'}));
try {
    e3.orchestrate(null);
    print('no error');
} catch (error) {
    print(error.matches(Jobs.Error, Jobs.Error.CRITICAL), error.message.includes('out of order'));
}
