% rebase('layout.tpl', title=action.title, session=session)
<h1>{{action.title}}</h1>
<p>{{action.does}}</p>
% if trouble:
<p class="trouble" role="alert">{{trouble}}</p>
% end
<form method="post" action="/do/{{number}}" class="ask">
% for field in action.fields:
% value = (given.get(field.name) or [''])[0]
% id = 'f-' + field.name
<div class="field">
% if field.kind == 'tick':
<label class="tick"><input type="checkbox" name="{{field.name}}" value="yes"{{!' checked' if value else ''}}> {{field.label}}</label>
% else:
<label for="{{id}}">{{field.label}}{{'' if field.required else '（可以不填）'}}</label>
% if field.kind in ('period', 'member', 'choice', 'book'):
% offered = {'period': periods, 'member': members, 'choice': [(c, c) for c in field.choices], 'book': [(b, b) for b in books]}[field.kind]
<select id="{{id}}" name="{{field.name}}"{{!' required' if field.required else ''}}>
% if field.kind != 'choice':
<option value="">{{'请选择' if field.required else '—'}}</option>
% end
% for key, words in offered:
<option value="{{key}}"{{!' selected' if key == value else ''}}>{{words}}</option>
% end
</select>
% elif field.kind == 'files':
<select id="{{id}}" name="{{field.name}}" multiple size="8"{{!' required' if field.required else ''}}>
% for name in listed:
<option value="{{name}}"{{!' selected' if name in given.get(field.name, []) else ''}}>{{name}}</option>
% end
</select>
% else:
<input id="{{id}}" name="{{field.name}}" type="{{'date' if field.kind == 'date' else 'text'}}" value="{{value}}" autocomplete="off"{{!' required' if field.required else ''}}>
% end
% end
% if field.kind == 'files':
<p class="hint">把文件放进工作簿所在的文件夹，在这里选；可以选几个。</p>
% end
% if field.hint:
<p class="hint">{{field.hint}}</p>
% end
</div>
% end
<p><button class="go">{{action.title}}</button> <a href="/">返回</a></p>
</form>
