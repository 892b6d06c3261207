% for level, found in findings:
<details class="{{level}}"{{!' open' if level != '提示' else ''}}>
<summary><b>{{level}}</b> {{len(found)}} 个</summary>
<ul class="findings">
% for finding in found[:200]:
<li><span class="place">{{finding.place}}</span> <span class="code">{{finding.code}}</span>
<p>{{said(finding.message)}}</p>
<p class="remedy">怎么改：{{said(finding.remedy)}}</p></li>
% end
% if len(found) > 200:
<li>另有 {{len(found) - 200}} 个，重新计算后在工作簿的“校验结果”里看。</li>
% end
</ul>
</details>
% end
