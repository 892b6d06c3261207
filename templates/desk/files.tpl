<ul class="files">
% for path in files:
<li><a href="/file/{{session.number_of(path)}}/{{path.name}}">{{path.name}}</a> <small>{{path.parent}}</small>
% if path.suffix.lower() == '.png':
<img src="/file/{{session.number_of(path)}}/{{path.name}}" alt="{{path.stem}}的图" loading="lazy">
% end
</li>
% end
</ul>
